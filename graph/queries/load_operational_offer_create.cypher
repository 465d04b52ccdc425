// rows: maps of properties; nothing is written once another load has begun.
MATCH (:OperationalLoad {id: 'generated', load: $load})
UNWIND $rows AS row
CREATE (n:Offer)
SET n = row
