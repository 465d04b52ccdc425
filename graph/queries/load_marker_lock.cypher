// Keeps a second load out until this transaction ends: the marker is written first. loadedBy: the load that wrote last.
MERGE (v:DataVersion {id: 'current'})
SET v.load = $load
RETURN v.checksum AS checksum, v.loadedBy AS loadedBy
