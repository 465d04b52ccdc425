// rows: {start, end}.
UNWIND $rows AS row
MATCH (a:«start» {«startKey»: row.start})-[r:«type»]->(b:«end» {«endKey»: row.end})
DELETE r
