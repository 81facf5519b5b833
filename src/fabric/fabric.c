#include "fabric/fabric.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/rand.h"
#include "fabric/fabric_internal.h"

struct held {
	dt_time due; /* DT_NEVER: free */
	uint64_t order;
	unsigned port;
	size_t len;
	uint8_t frame[FABRIC_FRAME_MAX];
};

struct learnt {
	struct mac mac;
	unsigned port;
};

struct fabric {
	unsigned ports;
	struct rand rand;
	struct fabric_rule rule[FABRIC_RULES_MAX];
	unsigned matched[FABRIC_RULES_MAX], hits[FABRIC_RULES_MAX];
	/* The last frame that matched, and the silence before it. */
	dt_time seen[FABRIC_RULES_MAX], silence[FABRIC_RULES_MAX];
	size_t rules;
	struct fabric_voice voice;
	struct learnt learnt[FABRIC_ADDRESS_MAX];
	size_t learnt_at;
	dt_time link_up; /* DT_NEVER: port 0 is still silent */
	uint64_t order;
	struct held held[FABRIC_HELD_MAX];
	size_t sent; /* in held; its bytes were given out and are free at the next call */
};

struct fabric *fabric_new(unsigned ports, uint64_t seed)
{
	struct fabric *f = alloc_zero(1, sizeof *f);

	if (f == NULL)
		return NULL;
	f->ports = ports < FABRIC_PORTS_MAX ? ports : FABRIC_PORTS_MAX;
	f->rand = rand_of(seed);
	f->link_up = DT_NEVER;
	f->sent = FABRIC_HELD_MAX;
	for (size_t i = 0; i < FABRIC_HELD_MAX; i++)
		f->held[i].due = DT_NEVER;
	return f;
}

void fabric_free(struct fabric *f)
{
	alloc_free(f);
}

int fabric_add(struct fabric *f, const struct fabric_rule *rule)
{
	if (f->rules == FABRIC_RULES_MAX)
		return E_FULL;
	f->rule[f->rules++] = *rule;
	return 0;
}

unsigned fabric_hits(const struct fabric *f, size_t index)
{
	return index < f->rules ? f->hits[index] : 0;
}

static bool is_group(struct mac mac)
{
	return (mac.b[0] & 1) != 0;
}

static struct learnt *find(struct fabric *f, struct mac mac)
{
	for (size_t i = 0; i < FABRIC_ADDRESS_MAX; i++) {
		if (mac_equal(f->learnt[i].mac, mac))
			return &f->learnt[i];
	}
	return NULL;
}

static void learn(struct fabric *f, struct mac mac, unsigned port)
{
	struct learnt *known = NULL;

	if (is_group(mac) || mac_is_zero(mac))
		return;
	if ((known = find(f, mac)) == NULL) {
		known = &f->learnt[f->learnt_at];
		f->learnt_at = (f->learnt_at + 1) % FABRIC_ADDRESS_MAX;
	}
	*known = (struct learnt){mac, port};
}

static struct held *hold(struct fabric *f, unsigned port, struct slice frame, dt_time due)
{
	for (size_t i = 0; i < FABRIC_HELD_MAX; i++) {
		struct held *h = &f->held[i];
		if (h->due != DT_NEVER || i == f->sent)
			continue;
		h->due = due;
		h->order = f->order++;
		h->port = port;
		h->len = frame.len;
		memcpy(h->frame, frame.ptr, frame.len);
		return h;
	}
	return NULL;
}

/* Does this rule act on this frame, now? */
static bool hits(struct fabric *f, size_t index, const struct fabric_view *v, unsigned from,
		 unsigned to, dt_time now)
{
	const struct fabric_rule *r = &f->rule[index];
	dt_time age = now - f->link_up;

	if (age < r->since || age >= r->until || !fabric_matches(r, v, (int)from, (int)to))
		return false;
	/* A broadcast comes here once a port, in one moment. */
	if (now != f->seen[index])
		f->silence[index] = f->matched[index] > 0 ? now - f->seen[index] : 0;
	f->seen[index] = now;
	f->matched[index]++;
	/* A firewall lets a new connection begin, whatever it has forgotten. */
	if (f->silence[index] < r->idle || (r->idle > 0 && fabric_opens(v)))
		return false;
	if (f->matched[index] <= r->after || (r->first > 0 && f->hits[index] >= r->first))
		return false;
	if (r->percent < 100 && rand_below(&f->rand, 100) >= r->percent)
		return false;
	f->hits[index]++;
	return true;
}

static void answer_with_reset(struct fabric *f, const struct fabric_view *v, unsigned to,
			      dt_time now)
{
	uint8_t reset[128];
	size_t len = v->is_tcp ? fabric_reset_for(v, reset, sizeof reset) : 0;

	if (len > 0)
		(void)hold(f, to, slice_of(reset, len), now);
}

/* The rules in their order, each on what the one before has left of the frame. */
static void forward(struct fabric *f, unsigned from, unsigned to, const struct fabric_view *v,
		    dt_time now)
{
	uint8_t bytes[FABRIC_FRAME_MAX];
	struct fabric_view view = *v;
	dt_time due = now;
	bool twice = false;

	memcpy(bytes, v->frame.ptr, v->frame.len);
	for (size_t i = 0; i < f->rules; i++) {
		const struct fabric_rule *r = &f->rule[i];
		if (!hits(f, i, &view, from, to, now))
			continue;
		switch (r->action) {
		case FABRIC_DROP:
			return;
		case FABRIC_RESET:
			answer_with_reset(f, &view, from, now);
			return;
		case FABRIC_DELAY:
			due += r->delay;
			break;
		case FABRIC_TWICE:
			twice = true;
			break;
		case FABRIC_TTL:
			if (view.is_ip)
				fabric_set_ttl(bytes, v->frame.len, view.ip_at, r->ttl);
			break;
		case FABRIC_REPLACE:
			fabric_replace(bytes, v->frame.len, &view, r);
			break;
		}
		if (!fabric_look(slice_of(bytes, v->frame.len), &view))
			return;
	}
	size_t len = v->frame.len;
	if (to == 0 && f->voice.vlan != 0 && (f->voice.data >> from & 1) == 0 &&
	    !voice_tag(bytes, &len, sizeof bytes, f->voice.vlan))
		return;
	(void)hold(f, to, slice_of(bytes, len), due);
	if (twice)
		(void)hold(f, to, slice_of(bytes, len), due);
}

void fabric_set_voice(struct fabric *f, const struct fabric_voice *voice)
{
	f->voice = *voice;
}

/* The phones' port as a switch port: answers its talk, and says whether the frame goes on, as which
 * VLAN's. `bytes` gets it without its tag. */
static bool enter_voice_port(struct fabric *f, const struct fabric_view *v, dt_time now,
			     uint8_t *bytes, size_t *len)
{
	uint8_t answer[512];
	size_t size = 0;

	if (voice_is_link_talk(v)) {
		dt_time ready = f->link_up + f->voice.after;
		size = voice_answer(&f->voice, v, answer, sizeof answer);
		if (size > 0)
			(void)hold(f, 0, slice_of(answer, size), now > ready ? now : ready);
		return false;
	}
	memcpy(bytes, v->frame.ptr, v->frame.len);
	*len = v->frame.len;
	return !v->head.tagged || (v->head.vlan == f->voice.vlan && voice_untag(bytes, len));
}

/* Do a frame of this VLAN (voice or data) and that port belong together? */
static bool reaches(const struct fabric *f, unsigned port, bool voice)
{
	return f->voice.vlan == 0 || port == 0 || ((f->voice.data >> port & 1) == 0) == voice;
}

void fabric_input(struct fabric *f, unsigned port, struct slice frame, dt_time now)
{
	struct fabric_view v;
	const struct learnt *known = NULL;
	uint8_t bytes[FABRIC_FRAME_MAX];
	size_t len = 0;
	bool voice = (f->voice.data >> port & 1) == 0;

	if (port >= f->ports || frame.len > FABRIC_FRAME_MAX || !fabric_look(frame, &v))
		return;
	if (port == 0 && f->link_up == DT_NEVER)
		f->link_up = now;
	learn(f, v.head.source, port);
	if (port == 0 && f->voice.vlan != 0) {
		voice = v.head.tagged;
		if (!enter_voice_port(f, &v, now, bytes, &len) ||
		    !fabric_look(slice_of(bytes, len), &v))
			return;
	}
	if (!is_group(v.head.destination) && (known = find(f, v.head.destination)) != NULL) {
		if (known->port != port && reaches(f, known->port, voice))
			forward(f, port, known->port, &v, now);
		return;
	}
	for (unsigned to = 0; to < f->ports; to++) {
		if (to != port && reaches(f, to, voice))
			forward(f, port, to, &v, now);
	}
}

/* The one due first; FABRIC_HELD_MAX when nothing is on its way. */
static size_t earliest(const struct fabric *f)
{
	size_t first = FABRIC_HELD_MAX;

	for (size_t i = 0; i < FABRIC_HELD_MAX; i++) {
		const struct held *h = &f->held[i];
		const struct held *best = first < FABRIC_HELD_MAX ? &f->held[first] : NULL;
		if (h->due != DT_NEVER && (best == NULL || h->due < best->due ||
					   (h->due == best->due && h->order < best->order)))
			first = i;
	}
	return first;
}

bool fabric_next_output(struct fabric *f, dt_time now, unsigned *ret_port, struct slice *ret_frame)
{
	size_t at = earliest(f);

	f->sent = FABRIC_HELD_MAX;
	if (at == FABRIC_HELD_MAX || f->held[at].due > now)
		return false;
	f->held[at].due = DT_NEVER;
	f->sent = at;
	*ret_port = f->held[at].port;
	*ret_frame = slice_of(f->held[at].frame, f->held[at].len);
	return true;
}

dt_time fabric_deadline(const struct fabric *f)
{
	size_t at = earliest(f);

	return at < FABRIC_HELD_MAX ? f->held[at].due : DT_NEVER;
}
