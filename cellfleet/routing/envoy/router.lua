-- Finds the cell of a request: the name that the route's metadata says how to read, in the map that FILES hold.
-- FILES and LOCALITY are set above this text, by cellfleet/routing/envoy/program.py, which says the map's form.
--
-- Every worker runs this when the map changes, and serves nobody meanwhile. So shards are kept as the text that they
-- are, sorted, and searched by halves: reading a million names takes milliseconds, and a look-up some microseconds.

local NEGATIVE_SECONDS, REFRESH_SECONDS = 10, 60  -- how long the directory's "no" and "yes" are taken without asking
local MOST_LOCATED, MOST_MISSING = 100000, 10000   -- names remembered, before all are forgotten
local MOST_ASKED = 50                              -- questions to the directory a second, of one worker
local ANSWER_MILLISECONDS = 500

local LONGEST = 63                                 -- characters of a tenant's name

local cells, cells_elsewhere, cell_of = {}, {}, {} -- by name, by name, by id
local shards, key = {}, nil

-- --- SHA-256, which Envoy's Lua does not have ---------------------------------------------------------------------

local bit = require("bit")
local band, bxor, bnot, rol, ror, rshift, tobit, tohex =
  bit.band, bit.bxor, bit.bnot, bit.rol, bit.ror, bit.rshift, bit.tobit, bit.tohex
local ROUND, START = {}, {}

do -- the first 32 bits of the fractions of the roots of the first primes
  local function fraction(root) return tobit(math.floor((root - math.floor(root)) * 4294967296)) end
  local candidate, found = 2, 0
  while found < 64 do
    local prime = true
    for divisor = 2, math.floor(math.sqrt(candidate)) do
      if candidate % divisor == 0 then prime = false break end
    end
    if prime then
      found = found + 1
      if found <= 8 then START[found] = fraction(math.sqrt(candidate)) end
      ROUND[found] = fraction(candidate ^ (1 / 3))
    end
    candidate = candidate + 1
  end
end

local function word(text, at)
  local a, b, c, d = text:byte(at, at + 3)
  return tobit(a * 16777216 + b * 65536 + c * 256 + d)
end

local function bytes(number)
  return string.char(band(rshift(number, 24), 255), band(rshift(number, 16), 255), band(rshift(number, 8), 255),
    band(number, 255))
end

local function sha256(text)
  local length = #text
  text = text .. "\128" .. string.rep("\0", (55 - length) % 64) .. "\0\0\0\0" .. bytes(length * 8)
  local state, w = {unpack(START)}, {}
  for chunk = 1, #text, 64 do
    for i = 1, 16 do w[i] = word(text, chunk + (i - 1) * 4) end
    for i = 17, 64 do
      local x, y = w[i - 15], w[i - 2]
      local s0, s1 = bxor(ror(x, 7), ror(x, 18), rshift(x, 3)), bxor(ror(y, 17), ror(y, 19), rshift(y, 10))
      w[i] = tobit(w[i - 16] + s0 + w[i - 7] + s1)
    end
    local a, b, c, d, e, f, g, h = unpack(state)
    for i = 1, 64 do
      local s1 = bxor(ror(e, 6), ror(e, 11), ror(e, 25))
      local one = tobit(h + s1 + bxor(band(e, f), band(bnot(e), g)) + ROUND[i] + w[i])
      local s0 = bxor(ror(a, 2), ror(a, 13), ror(a, 22))
      local two = tobit(s0 + bxor(band(a, b), band(a, c), band(b, c)))
      h, g, f, e, d, c, b, a = g, f, e, tobit(d + one), c, b, a, tobit(one + two)
    end
    for i, value in ipairs({a, b, c, d, e, f, g, h}) do state[i] = tobit(state[i] + value) end
  end
  local digest = {}
  for i = 1, 8 do digest[i] = bytes(state[i]) end
  return table.concat(digest)
end

local function xored(text, with)
  return (text:gsub(".", function(sign) return string.char(bxor(sign:byte(), with)) end))
end

local inner, outer

local function pseudonym(kind, name)
  local digest = sha256(outer .. sha256(inner .. kind .. ":" .. name))
  return tohex(word(digest, 1)) .. tohex(word(digest, 5)) .. tohex(rshift(word(digest, 9), 16), 4)
end

-- --- the map, read once for each worker ---------------------------------------------------------------------------

local function content(name)
  local file = assert(io.open(name, "rb"), name .. " cannot be read")
  local text = file:read("*a")
  file:close()
  assert(text == "end\n" or text:sub(-5) == "\nend\n", name .. " is cut off")
  return text
end

local READ = {}

function READ.cell(name, id, state) cells[name], cell_of[id] = state, name end
function READ.elsewhere(name, locality) cells_elsewhere[name] = locality end

function READ.key(check)
  local file = assert(io.open("key/tenants", "rb"), "key/tenants, which tenants are hashed with, cannot be read")
  key = file:read("*a")
  file:close()
  local padded = #key > 64 and sha256(key) or key
  padded = padded .. string.rep("\0", 64 - #padded)
  inner, outer = xored(padded, 0x36), xored(padded, 0x5c)
  assert(pseudonym("id", "") == check, "key/tenants is not the key that the map was made with")
end

for kind, first, second, third in content(FILES[1]):gmatch("(%S+) (%S+) ?(%S*) ?(%S*)\n") do
  READ[kind](first, second, third)
end
for at = 2, #FILES do shards[at - 1] = content(FILES[at]) end

-- --- a name in the map --------------------------------------------------------------------------------------------

local CRC = {}

for byte = 0, 255 do
  local rest = byte
  for _ = 1, 8 do rest = bxor(rshift(rest, 1), band(rest, 1) * 0xedb88320) end
  CRC[byte] = tobit(rest)
end

local function crc32(text)
  local rest = -1
  for at = 1, #text do rest = bxor(rshift(rest, 8), CRC[band(bxor(rest, text:byte(at)), 255)]) end
  return bnot(rest)
end

-- What the line says that begins with this name; nil where there is none.
local function said(text, name)
  local low, high = 1, #text - 3 -- where the first line begins, and the last, which is "end"
  while low < high do
    local middle = math.floor((low + high) / 2)
    local start = middle == low and low or text:find("\n", middle - 1, true) + 1
    if start >= high then
      high = middle
    else
      local space = text:find(" ", start, true)
      local other = text:sub(start, space - 1)
      local stop = text:find("\n", space, true)
      if other == name then return text:sub(space + 1, stop - 1) end
      if other < name then low = stop + 1 else high = start end
    end
  end
end

-- The id of the cell of a slug ("s") or id ("i"), or the locality of a hash ("h"); nil where there is none.
local function placed(kind, name)
  local shard = shards[band(crc32(name), #shards - 1) + 1] -- their number is a power of two, or nought
  return shard and said(shard, kind .. name)
end

-- --- a request ----------------------------------------------------------------------------------------------------

local function plain(handle, status, text, more)
  local headers = {[":status"] = status, ["content-type"] = "text/plain"}
  for name, value in pairs(more or {}) do headers[name] = value end
  handle:respond(headers, text .. "\n")
end

local function filled(host, name)
  local at = host:find("{}", 1, true)
  return at and host:sub(1, at - 1) .. name .. host:sub(at + 2) or host
end

-- The name, or nil with what is wrong: nothing may be said twice, for cells might read the other.
local function named(route, headers)
  local where = route:get("where")
  if where == "host" then
    return headers:get(":authority"):lower():match("^[^.]+")
  elseif where == "header" then
    if headers:getNumValues(route:get("key")) > 1 then return nil, "twice" end
    return headers:get(route:get("key"))
  end
  local path, query = headers:get(":path"):match("^([^?]*)%??([^#]*)")
  if where == "path" then
    local wanted, position = route:get("segment"), 0
    for segment in path:gmatch("/([^/]*)") do
      position = position + 1
      if position == wanted then return segment end
    end
    return nil
  end
  local found
  for pair in query:gmatch("[^&]+") do
    local parameter, value = pair:match("^([^=]*)=?(.*)$")
    if parameter == route:get("key") then
      if found then return nil, "twice" end
      found = value
    end
  end
  return found
end

local asked, second = 0, 0
local located, located_count, missing, missing_count = {}, 0, {}, 0

-- What the directory says of a name: a cell, false where it knows none, nil where it cannot be asked.
local function locate(handle, name)
  local now, known, absent = os.time(), located[name], missing[name]
  if known and now - known.at < REFRESH_SECONDS then return known.cell end
  if absent and now - absent < NEGATIVE_SECONDS then return false end
  if now ~= second then asked, second = 0, now end
  if asked >= MOST_ASKED then return known and known.cell end
  asked = asked + 1
  local path = "/?id=" .. name .. "&locality=" .. LOCALITY
  local request = {[":method"] = "GET", [":path"] = path, [":authority"] = "locator", accept = "application/json"}
  local answer, body = handle:httpCall("locator", request, "", ANSWER_MILLISECONDS)
  local status = answer and answer[":status"]
  if status == "200" then
    local cell = (body or ""):match('"cell"%s*:%s*"([a-z0-9-]+)"')
    if not cell then return known and known.cell end
    if not known then
      located_count = located_count + 1
      if located_count > MOST_LOCATED then located, located_count = {}, 1 end
    end
    located[name], missing[name] = {cell = cell, at = now}, nil
    return cell
  elseif status == "404" then
    missing_count = missing_count + 1
    if missing_count > MOST_MISSING then missing, missing_count = {}, 1 end
    located[name], missing[name] = nil, now
    return false
  end
  return known and known.cell
end

local function serve(handle, cell)
  if cells[cell] == "fenced" then
    return plain(handle, "503", "The cell that serves this is not available.", {["retry-after"] = "60"})
  end
  handle:headers():replace("x-cellfleet-cell", cell)
  -- what was read before the directory was asked may not be used any more, so it is read again
  handle:headers():replace("x-cellfleet-upstream", cell .. "/" .. handle:metadata():get("service"))
  handle:clearRouteCache()
end

local function redirect(handle, host)
  local path = handle:headers():get(":path")
  handle:respond({[":status"] = "307", location = "https://" .. host .. path, ["cache-control"] = "no-store"}, "")
end

local function elsewhere(handle, route, locality, name)
  local other = (route:get("elsewhere") or {})[locality]
  local answer = other and other.answer
  if answer == "redirect" then
    return redirect(handle, filled(other.host, name))
  elseif answer == "proxy" then
    local headers = handle:headers()
    if headers:get("x-cellfleet-proxied") then
      return plain(handle, "421", "Two localities take each other for this tenant's.")
    end
    headers:replace("x-cellfleet-proxied", LOCALITY)
    headers:replace("x-cellfleet-upstream", "locality:" .. locality)
    if other.host ~= "" then headers:replace("x-cellfleet-host", filled(other.host, name)) end
    return handle:clearRouteCache()
  end
  return plain(handle, "404", "There is no such tenant or cell here.")
end

function envoy_on_request(handle)
  local route = handle:metadata()
  local kind = route:get("names")
  if not kind then return end
  local whole, wrong = named(route, handle:headers())
  if wrong then return plain(handle, "400", "A tenant or a cell is named twice.") end
  local before, after = route:get("before"), route:get("after")
  local name = (whole or ""):sub(#before + 1, #(whole or "") - #after)
  local redirects = route:get("redirects")
  local plainly = #name <= LONGEST and name:match("^[A-Za-z0-9_-]+$")
  local cell, locality
  if kind == "cell" then
    cell, locality = cells[name] and name, cells_elsewhere[name]
  elseif plainly then
    cell = cell_of[placed(kind == "tenant" and "s" or "i", name)]
    if not cell and key then
      locality = placed("h", pseudonym(kind == "tenant" and "slug" or "id", name))
    end
  end
  if plainly and not cell and not locality and kind ~= "cell" and not redirects then
    local unknown = route:get("unknown")
    if unknown == "new_tenants" then
      cell = route:get("new_tenants")
    elseif unknown == "locate" then
      local found = locate(handle, name)
      if found == nil then
        return plain(handle, "503", "Where this tenant is cannot be asked.", {["retry-after"] = "1"})
      end
      cell = found and cells[found] and found
    end
  end
  if redirects and (cell or locality) then
    return redirect(handle, filled(redirects[locality or LOCALITY], name))
  elseif cell then
    return serve(handle, cell)
  elseif locality then
    return elsewhere(handle, route, locality, name)
  end
  return plain(handle, "404", "There is no such tenant or cell.")
end
