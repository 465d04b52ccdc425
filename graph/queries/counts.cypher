// Combien de nœuds de chaque étiquette et de relations de chaque type le graphe contient-il ?
// parameters: none
// columns: kind, name, total
CALL {
  MATCH (n)
  UNWIND labels(n) AS name
  RETURN 'node' AS kind, name, count(*) AS total
  UNION ALL
  MATCH ()-[r]->()
  RETURN 'relationship' AS kind, type(r) AS name, count(*) AS total
}
RETURN kind, name, total
ORDER BY kind, name
