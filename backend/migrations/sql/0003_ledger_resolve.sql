-- Post, void or lapse what is pending: at most once, and never more than was pending.

CREATE FUNCTION ledger_resolve(p_head jsonb) RETURNS ledger_answer LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    t journal_transaction := jsonb_populate_record(NULL::journal_transaction, p_head);
    p journal_transaction;
    answer ledger_answer;
    is_post boolean := t.kind = 'post';
    part bigint := CASE WHEN t.kind = 'post' THEN coalesce(t.amount, 4611686018427387904) ELSE 0 END;
    ids bigint[];
    amounts bigint[];
    ins bigint[];
    outs bigint[];
    lot_to bigint;
    lot_owner text;
    lot_amount bigint := 0;
    fund text;
    debt_id bigint;
    repaid bigint := 0;
BEGIN
    SELECT * INTO p FROM journal_transaction WHERE id = t.resolves_id FOR NO KEY UPDATE;
    answer := ledger_seen(t);
    IF answer.outcome IS NOT NULL THEN
        RETURN answer;
    END IF;
    answer.outcome := CASE
        WHEN p.id IS NULL THEN 'unknown'
        WHEN p.state <> 'pending' THEN 'resolved'
        WHEN is_post AND t.recorded_at >= p.expires_at THEN 'late'
        WHEN t.kind = 'lapse' AND t.recorded_at < p.expires_at THEN 'early'
        WHEN is_post AND t.amount > p.amount THEN 'over'
        WHEN is_post AND t.amount < p.amount AND 1 < (
            SELECT count(DISTINCT asset) FROM posting JOIN ledger_account a ON a.id = account_id WHERE transaction_id = p.id
        ) THEN 'invalid'
    END;
    IF answer.outcome IS NOT NULL THEN
        RETURN answer;
    END IF;
    t.amount := CASE WHEN is_post THEN coalesce(t.amount, p.amount) ELSE p.amount END;

    SELECT a.id, a.owner, debt.id INTO lot_to, lot_owner, debt_id
    FROM posting JOIN ledger_account a ON a.id = account_id
    LEFT JOIN ledger_account debt
        ON debt.asset = a.asset AND debt.owner = a.owner AND debt.purpose = 'receivable' AND debt.shard = 0
    WHERE transaction_id = p.id AND posting.pending_in > 0 AND a.holds_lots;
    PERFORM ledger_lock(ARRAY(SELECT account_id FROM posting WHERE transaction_id = p.id) || debt_id);

    SELECT array_agg(account_id), array_agg(part_in - part_out), array_agg(-pending_in), array_agg(-pending_out),
        coalesce(sum(part_in) FILTER (WHERE account_id = lot_to), 0), min(owner) FILTER (WHERE part_out > 0)
    INTO ids, amounts, ins, outs, lot_amount, fund
    FROM (
        SELECT account_id, posting.pending_in, posting.pending_out, owner,
            greatest(0, least(posting.pending_in, part - (sum(posting.pending_in) OVER place - posting.pending_in)))::bigint AS part_in,
            greatest(0, least(posting.pending_out, part - (sum(posting.pending_out) OVER place - posting.pending_out)))::bigint AS part_out
        FROM posting JOIN ledger_account a ON a.id = account_id WHERE transaction_id = p.id
        WINDOW place AS (PARTITION BY asset ORDER BY account_id)
    ) AS leg;
    IF lot_amount > 0 AND debt_id IS NOT NULL THEN
        SELECT least(lot_amount, -posted) INTO repaid FROM ledger_account WHERE id = debt_id;
        lot_amount := lot_amount - repaid;
        ids := ids || ARRAY[debt_id, lot_to];
        amounts := amounts || ARRAY[repaid, -repaid];
        ins := ins || ARRAY[0, 0]::bigint[];
        outs := outs || ARRAY[0, 0]::bigint[];
    END IF;

    t.digest := ledger_begin(t);
    IF t.digest IS NULL THEN
        RETURN ledger_seen(t);
    END IF;
    INSERT INTO lot_allocation (transaction_id, lot_id, consumed, held)
    SELECT t.id, lot_id, greatest(0, least(lot_allocation.held, part - (
        sum(lot_allocation.held) OVER (ORDER BY expires_on, lot_id) - lot_allocation.held)))::bigint, -lot_allocation.held
    FROM lot_allocation JOIN lot ON lot.id = lot_id WHERE lot_allocation.transaction_id = p.id;
    UPDATE lot SET remaining = remaining - used.consumed, held = lot.held + used.held, is_open = remaining - used.consumed > 0
    FROM lot_allocation used WHERE used.transaction_id = t.id AND lot.id = used.lot_id;
    IF lot_amount > 0 THEN
        INSERT INTO lot (account_id, transaction_id, amount, remaining, held, is_open, earned_by, programme, expires_on)
        VALUES (lot_to, t.id, lot_amount, lot_amount, 0, true, coalesce(p.earned_by, lot_owner), fund, p.lot_expires_on);
    END IF;
    UPDATE journal_transaction
    SET state = CASE t.kind WHEN 'post' THEN 'posted' WHEN 'void' THEN 'voided' ELSE 'expired' END WHERE id = p.id;
    PERFORM ledger_append(t.id, t.digest, ids, amounts, ins, outs);
    RETURN ('new', t.id, t.amount)::ledger_answer;
END $$;
