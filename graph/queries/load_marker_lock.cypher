// Keeps a second load out until this transaction ends: the marker is written first.
MERGE (v:DataVersion {id: 'current'})
SET v.load = $load
RETURN v.checksum AS checksum
