-- select over ten connections, none of them ready, with the limit 0.
local workload = dofile((arg[0]:gsub("[^/]*$", "setup.lua")))

local clients = {}
for i = 1, 10 do clients[i] = workload.connect() end
workload.go(10)
for _ = 1, workload.n do
  local _, _, problem = workload.socket.select(clients, nil, 0)
  assert(problem == "timeout")
end
os.exit(0)
