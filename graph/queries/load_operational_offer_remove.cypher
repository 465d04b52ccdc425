// Some of the offers that were drawn at random, with their relationships.
MATCH (n:Offer {generated: true})
WITH n LIMIT $batch
DETACH DELETE n
RETURN count(*) AS removed
