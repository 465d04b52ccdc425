// All nodes of a label; $properties are the names of the values of a row, in their order.
MATCH (n:«label»)
RETURN [name IN $properties | n[name]] AS row
