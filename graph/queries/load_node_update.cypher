// rows: {key, properties}; a property that is null is removed.
UNWIND $rows AS row
MATCH (n:«label» {«key»: row.key})
SET n += row.properties
