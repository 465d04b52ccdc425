// These nodes go, with whatever was derived from them.
UNWIND $keys AS key
MATCH (n:«label» {«key»: key})
DETACH DELETE n
