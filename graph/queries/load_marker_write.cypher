// Says which version is loaded, in the transaction that loads it.
MATCH (v:DataVersion {id: 'current'})
SET v.checksum = $checksum, v.meta = $meta, v.dataVersion = $dataVersion, v.loadedAt = $loadedAt, v.loadedBy = $load
