package job

import "waypost/internal/inventory"

// Tables are River's, for the inventory of a database with a queue in it.
var Tables = []inventory.Library{
	{Table: "river_job", Why: "River: jobs; their arguments are ids and codes"},
	{Table: "river_queue", Why: "River: a queue for each listener"},
	{Table: "river_leader", Why: "River: which process adds periodic work"},
	{Table: "river_client", Why: "River: kept for later releases of it"},
	{Table: "river_client_queue", Why: "River: kept for later releases of it"},
	{Table: "river_migration", Why: "River: which migrations were run"},
}
