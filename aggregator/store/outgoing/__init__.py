"""Recipients, subscriptions and deliveries."""
