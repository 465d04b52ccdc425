// What the graph holds of those who were drawn at random: nodes by label, relationships by type.
CALL {
  MATCH (n:Seeker {generated: true})
  RETURN 'Seeker' AS name, count(*) AS total
  UNION ALL
  MATCH (n:Offer {generated: true})
  RETURN 'Offer' AS name, count(*) AS total
  UNION ALL
  MATCH (n:Seeker {generated: true})-[r:WORKED_AS|HAS_SKILL|REFUSES|LIVES_IN]->()
  RETURN type(r) AS name, count(*) AS total
  UNION ALL
  MATCH (n:Offer {generated: true})-[r:FOR_OCCUPATION|ASKS|LOCATED_IN|IN_AREA]->()
  RETURN type(r) AS name, count(*) AS total
}
RETURN name, total
ORDER BY name
