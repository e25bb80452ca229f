"""The daemon under attack by publishers, visitors and senders of mail, with 200 valid feeds and a digest."""
