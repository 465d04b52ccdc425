// All relationships of a table; $properties are the names of the values of a row after both keys.
MATCH (a:«start»)-[r:«type»]->(b:«end»)
RETURN [a.«startKey», b.«endKey»] + [name IN $properties | r[name]] AS row
