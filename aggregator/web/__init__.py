"""What is served over HTTP: health, metrics, an edition's web copy, unsubscribing. Loopback by default."""
