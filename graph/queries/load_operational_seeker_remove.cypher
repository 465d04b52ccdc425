// Some of the seekers who were drawn at random, with their relationships.
MATCH (n:Seeker {generated: true})
WITH n LIMIT $batch
DETACH DELETE n
RETURN count(*) AS removed
