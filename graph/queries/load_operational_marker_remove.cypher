// Nobody who was drawn at random is left.
MATCH (m:OperationalLoad {id: 'generated'})
DELETE m
