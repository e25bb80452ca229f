"""The pages that manage: feeds, digests, interests, rules, recipients and deliveries. For the operator only."""
