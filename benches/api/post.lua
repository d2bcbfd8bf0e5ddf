-- New users, each with an address of its own; in the sandboxes of the file KEYS by turns.
local keys = {}
local file = os.getenv("KEYS")
if file then
  for line in io.lines(file) do keys[#keys + 1] = line end
end

local threads = 0
function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

local seed = os.time()
local count = 0
function request()
  count = count + 1
  local headers = { ["Content-Type"] = "application/json" }
  if #keys > 0 then headers["Sandbox-Key"] = keys[count % #keys + 1] end
  local email = string.format("u%d-%d-%d@example.com", seed, number, count)
  local body = string.format('{"name":"Somebody New","email":"%s","role":"member"}', email)
  return wrk.format("POST", nil, headers, body)
end
