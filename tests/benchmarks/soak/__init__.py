"""The daemon under attack by publishers, visitors and senders of mail, beside 200 honest feeds, readers and a digest."""
