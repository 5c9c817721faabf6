"""The whole of registration against a model of a page: random sequences of what people do."""
