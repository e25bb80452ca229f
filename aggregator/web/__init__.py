"""The HTTP server: health, metrics, editions as pages, unsubscribing. On the loopback interface by default."""
