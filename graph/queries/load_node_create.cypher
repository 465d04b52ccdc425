// rows: maps of properties.
UNWIND $rows AS row
CREATE (n:«label»)
SET n = row
