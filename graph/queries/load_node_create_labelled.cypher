// rows: maps of properties of nodes with a second label.
UNWIND $rows AS row
CREATE (n:«label»:«extra»)
SET n = row
