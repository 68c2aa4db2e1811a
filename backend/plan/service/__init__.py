"""What is done with the plan: drafted, checked by another person, published, founded from a city's file."""
