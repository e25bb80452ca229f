"""Access to the pages: sign-in with the token, sessions, and the check of posted forms."""
