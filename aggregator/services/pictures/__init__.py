"""The pictures inside mails: fetching them and making large ones smaller."""
