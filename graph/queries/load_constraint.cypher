// Each node of a label has its own key.
CREATE CONSTRAINT «label»_key IF NOT EXISTS FOR (n:«label») REQUIRE n.«key» IS UNIQUE
