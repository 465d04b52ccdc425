// rows: {start, end, origin, level}; nothing is written once another load has begun.
MATCH (:OperationalLoad {id: 'generated', load: $load})
UNWIND $rows AS row
MATCH (a:Seeker {id: row.start})
MATCH (b:Skill {codeOgr: row.end})
CREATE (a)-[:HAS_SKILL {origin: row.origin, level: row.level}]->(b)
