// keys of nodes that get a second label.
UNWIND $keys AS key
MATCH (n:«label» {«key»: key})
SET n:«extra»
