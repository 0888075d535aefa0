"""What the demonstration knows of its estate: see deploy/lab/demo.yaml and plans/demo/housing-exit.yaml."""

NAME_SERVERS = ["198.18.2.2", "198.18.3.2"]
ORCHESTRATOR_ADDRESS = "198.18.0.1"
HOUSING_NAME = "housing.council.example"
REPORTS_NAME = "reports.council.example"
REPORTS_PORT = 8090
FILES_NAME = "files.council.example"
DATABASE_NAME = "db.housing.council.example"
DATABASE_PASSWORD = "housing-of-the-lab"
WITHOUT_AGENT = ["ark-fs1"]
