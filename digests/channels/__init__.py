"""Ways out for an edition: each takes one parcel and answers, or says precisely how it did not."""
