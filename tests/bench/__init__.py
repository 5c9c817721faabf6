"""The benches' own rules: what they would not notice, nobody would."""
