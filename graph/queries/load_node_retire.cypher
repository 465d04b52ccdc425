// These nodes stay although the published data no longer have them.
UNWIND $keys AS key
MATCH (n:«label» {«key»: key})
SET n.retiredIn = $dataVersion
