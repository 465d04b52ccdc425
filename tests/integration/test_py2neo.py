"""py2neo, which old notebooks use, beside the driver: what docs/cypher.md shows of it, on both servers."""

import pytest

from graph.schema import NODES
from graph.writer import write_graph
from tests.integration.conftest import GraphServer
from tests.integration.invented import invented_tables

py2neo = pytest.importorskip("py2neo", reason="needs py2neo: pip install '.[py2neo]'")


def test_it_reads_what_the_driver_wrote(empty_server: GraphServer) -> None:
    tables = invented_tables(0)
    with empty_server.connect() as connection:
        write_graph(connection, tables)
        if connection.lease is None:
            settings = empty_server.settings
            assert settings.neo4j_password is not None
            uri, name = str(settings.neo4j_uri), connection.database
            user, password = settings.neo4j_user, settings.neo4j_password.get_secret_value()
        else:
            uri, name = connection.lease.uri, connection.lease.database
            user, password = connection.lease.analyst
        graph = py2neo.Graph(uri, auth=(user, password), name=name)
        try:
            skill = tables.nodes["Skill"].iloc[3]
            text = "MATCH (s:Skill {codeOgr: $code}) RETURN s.label AS label"
            assert graph.run(text, code=skill["codeOgr"]).data() == [{"label": skill["label"]}]
            found = graph.nodes.match("Occupation", codeRome=tables.nodes["Occupation"]["codeRome"].iloc[1]).first()
            assert found["label"] == tables.nodes["Occupation"]["label"].iloc[1]
            counts = {spec.label: graph.nodes.match(spec.label).count() for spec in NODES}
            assert counts == {label: len(frame) for label, frame in tables.nodes.items()}
            if connection.lease is not None:
                with pytest.raises(py2neo.errors.ClientError, match="Forbidden"):
                    graph.run("CREATE (:Skill {codeOgr: 'x'})")
        finally:
            graph.service.connector.close()
