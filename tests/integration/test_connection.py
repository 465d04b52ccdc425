"""A connection asks questions by name, and says what is wrong with a server that cannot be reached."""

import pytest

from graph.connection import Connection, connect_neo4j
from passerelle.errors import GraphUnavailableError
from tests.integration.conftest import GraphServer, neo4j_server


def test_a_connection_says_which_server_it_is(graph_server: GraphServer) -> None:
    with graph_server.connect() as connection:
        assert connection.kind == graph_server.kind
        assert connection.server.startswith("Neo4j/5")
        assert ("ArcadeDB" in connection.server) == (graph_server.kind == "embedded")


def test_a_question_takes_its_own_parameters_and_no_other(graph_server: GraphServer) -> None:
    with graph_server.connect() as connection:
        with pytest.raises(TypeError, match="codeRome"):
            connection.ask("occupation_skills")
        with pytest.raises(TypeError, match="codeRome"):
            connection.ask("occupation_skills", codeRome="B1804", limit=3)
        with pytest.raises(KeyError):
            connection.ask("load_marker_read")


def test_a_value_is_never_read_as_cypher(empty_server: GraphServer) -> None:
    with empty_server.connect() as connection:
        before = connection.ask("counts")
        assert connection.ask("occupation_skills", codeRome="B1804'}) DETACH DELETE (n) //") == []
        assert connection.ask("counts") == before


def test_a_server_that_is_not_there_says_what_to_check() -> None:
    with pytest.raises(GraphUnavailableError, match="NEO4J_URI"):
        connect_neo4j("bolt://127.0.0.1:1", "neo4j", "x")


@pytest.mark.parametrize(
    "uri", ["http://127.0.0.1", "n'importe quoi", "bolt://", "127.0.0.1:7687", "bolt://u:secret@h"]
)
def test_an_address_that_is_no_address_says_what_to_write(uri: str) -> None:
    with pytest.raises(GraphUnavailableError, match=r"NEO4J_URI.*bolt://") as caught:
        connect_neo4j(uri, "neo4j", "x")
    assert "secret" not in str(caught.value)


def test_an_address_without_password_says_what_to_give() -> None:
    with pytest.raises(GraphUnavailableError, match="NEO4J_PASSWORD"):
        connect_neo4j("bolt://127.0.0.1:1", "neo4j", None)


@pytest.mark.neo4j
def test_a_wrong_password_says_what_to_check() -> None:
    uri = neo4j_server().environment["NEO4J_URI"]
    with pytest.raises(GraphUnavailableError, match="NEO4J_PASSWORD") as caught:
        connect_neo4j(uri, "neo4j", "un mot de passe faux")
    assert "faux" not in str(caught.value)


def test_a_connection_that_is_closed_twice_is_closed(graph_server: GraphServer) -> None:
    connection: Connection = graph_server.connect()
    connection.close()
    connection.close()
