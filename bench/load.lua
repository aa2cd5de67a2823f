-- wrk's requests and results. Arguments after `--`: method, body bytes, longest think time in ms, then header names and
-- values in turn. With a think time every connection waits for 1/3 to 3/3 of it, evenly spread, before each request.

function init(args)
  wrk.method = args[1]
  local bytes = tonumber(args[2])
  if bytes > 0 then wrk.body = string.rep("x", bytes) end
  local longest = tonumber(args[3])
  if longest > 0 then
    function delay() return math.random(math.floor(longest / 3), longest) end
  end
  for i = 4, #args, 2 do wrk.headers[args[i]] = args[i + 1] end
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests":%d,"durationUs":%d,"bytes":%d,"p50Us":%d,"p99Us":%d,"badStatus":%d,"socketErrors":%d,"timeouts":%d}\n',
    summary.requests, summary.duration, summary.bytes, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write, errors.timeout))
end
