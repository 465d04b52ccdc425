// Quelle version des données le graphe contient-il, et depuis quand ?
// parameters: none
// columns: dataVersion, checksum, loadedAt
MATCH (v:DataVersion {id: 'current'})
WHERE v.checksum IS NOT NULL
RETURN v.dataVersion AS dataVersion, v.checksum AS checksum, v.loadedAt AS loadedAt
