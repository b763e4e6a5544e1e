"""Returns in the database: opening, goods, money, what they ask of the outside, and where each stands."""
