// rows: maps of properties.
UNWIND $rows AS row
CREATE (n:Seeker)
SET n = row
