// Which population is in the graph, and whether its load came to its end. No row: none.
MATCH (m:OperationalLoad {id: 'generated'})
RETURN m.load AS load, m.source AS source, m.finished AS finished
