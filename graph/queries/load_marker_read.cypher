// Which version of the data is loaded. No row: none.
MATCH (v:DataVersion {id: 'current'})
RETURN v.checksum AS checksum, v.meta AS meta, v.loadedAt AS loadedAt
