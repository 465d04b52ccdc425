"""What is learned from the tables: vectors of occupations and skills, and which skill answers which."""
