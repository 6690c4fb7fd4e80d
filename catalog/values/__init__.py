"""What comes into the catalog: texts, numbers, languages and names of columns, all by one door."""
