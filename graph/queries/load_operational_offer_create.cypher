// rows: maps of properties.
UNWIND $rows AS row
CREATE (n:Offer)
SET n = row
