// keys of nodes that lose their second label.
UNWIND $keys AS key
MATCH (n:«label» {«key»: key})
REMOVE n:«extra»
